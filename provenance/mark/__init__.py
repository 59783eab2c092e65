"""The invisible mark: a number in a film's pictures that survives coding, scaling and cropping, and finds the film's account.

Spread spectrum in the luma (Cox et al., "Secure spread spectrum watermarking for multimedia", 1997), tiled over the picture so
that a cropped or scaled one is found by correlation (Kalker et al., "A video watermarking system for broadcast monitoring",
1999), as strong as the picture itself disturbs each bit (Malvar and Florencio, "Improved spread spectrum", 2003), behind a
convolutional code and a checksum. It is the same in every frame, so a few dozen frames together tell what one hides.
"""
