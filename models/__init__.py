"""The programme: its tables, its rules and its questions. Nothing here talks to anyone.

Find a thing by its noun: `people`, `organisations`, `contacts`, `grants`, `children`, `pledges`, `consents`,
`statistics`, `messages`, `audit`. Rules raise the errors of `errors`; amounts are whole rupiah; instants are
timezone-aware UTC.
"""
