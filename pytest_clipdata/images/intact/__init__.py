"""Whether the file of a picture holds all the pixels that it announces, as far as its format can show it.

============  ====================================================  ==================================================
format        seen                                                  not seen
============  ====================================================  ==================================================
JPEG          bad, missing or left-over data of a scan; missing     damage after which the Huffman codes fall into step
              scans of a progressive file                           again (a few bytes, one or two 8x8 blocks); damage
                                                                    behind a restart marker that does the same
PNG           every checksum, row, chunk and the end mark           nothing
WebP, AVIF    damage that changes how much of the data is read      lossless WebP: about half of damages by random
              (nearly any of the lossy kinds), zeros, lengths       bytes; tiles and partitions but the last
GIF           missing rows, blocks or end mark; codes that cannot   changed bytes that are valid codes
              be
TIFF          strips and tiles that are missing or beyond the file, PackBits and uncompressed: changed bytes
              checksums of deflate, JPEG as above
BMP           length; zeros that begin within a row                 changed bytes; zeros beside black, or along a row
============  ====================================================  ==================================================
"""
