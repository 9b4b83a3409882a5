"""The small engine that conversations run on: chat, questions, answers. See docs/architecture.md."""
