"""Looks: frames drawn again of flat shapes with sharp edges, steadily from frame to frame, at any size, or as SVG."""
