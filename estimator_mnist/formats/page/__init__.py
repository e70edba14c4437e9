"""A page that recognises what is drawn on it, and what turns a model into one.

program.py reads the network from a graph, constants.py rounds its weights, page.py puts
the files here into one, javascript.py runs what the page computes. In the page,
network.js is the network, image.js makes an image of a drawing as MNIST was made, and
the rest is what one sees. run.cjs is for Node.js alone.
"""
