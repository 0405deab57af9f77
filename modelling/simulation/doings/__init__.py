"""What customers and bank do: payments, statements, and what they say to each other.

Here belongs what makes events out of drawn lives. How events are held is
`modelling.simulation.happenings`, how they are written `modelling.simulation.wire`.
"""
