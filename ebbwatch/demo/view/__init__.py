"""How the demo shows itself: live on a terminal, as plain lines elsewhere.

Nothing is counted here: figures come ready from `ebbwatch.demo.report`.
"""
