"""A local WhatsApp: the Cloud API over the simulated world, stricter than the real one.

schema      every request against Meta's published description, repaired where it refuses what is valid
rules       the limits that the description is silent about
account     the business number: its token, windows, templates, media, and what each message became
endpoint    the Graph API over HTTP
webhook     calls to the bot: signed, repeated until accepted, several events in one, reports in any order
hands       what people do with their phones
shown       how a message looks on a phone
"""
