# SPDX-License-Identifier: GPL-3.0-or-later
load ../helper
@test "zlib unpacks what is packed, at every level and size" { unit deflate unpack; }
@test "repetitions of every length and distance unpack" { unit deflate repetitions; }
@test "text that would grow is refused" { unit deflate grow; }
@test "Huffman codes are complete and of limited length" { unit deflate huffman; }
