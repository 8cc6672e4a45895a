"""
The demo township: 云禾县青榕镇, its schools, people and a term of work. Everything in it is invented.

It is written through the services, so that it cannot drift from the rules of the product; what the services do not
cover (activities, aid, health checks) is written in bulk. The same day gives the same township, except passwords.
"""
