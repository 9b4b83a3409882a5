"""What people can say: one file a conversation, the router that finds it, the texts.


A new conversation is a new file here and nothing else: `catalogue.all_conversations` imports them all.
"""
