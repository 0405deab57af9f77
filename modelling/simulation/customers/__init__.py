"""Who the customers are, where they are away to, and how they leave.

Here belongs what is drawn once for a customer's whole life. What they do in it, event by event, is
`modelling.simulation.doings`.
"""
