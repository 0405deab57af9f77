"""What operators watch: metrics and logs.

What is counted is decided where it happens; here it has its name, labels and form.
"""
