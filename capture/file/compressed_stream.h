// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "capture/file/compression.h"
#include "capture/file/input_buffer.h"

namespace vsdump {

/// The contents of compressed data, from where `compressed` stands: those of all its members or
/// frames, one after the other. `compression` is not None.
///
/// Behind one whose checksum is wrong it goes on as if nothing were, behind one that cannot be
/// decoded with the next whose beginning is recognised, apart: both is Damaged in between. That
/// next one may have begun before the place where decoding failed, up to 64 KiB: what is damaged
/// may be decoded as garbage beyond its end. Where the data breaks off, or the checksum is wrong,
/// that next one, and all that follow it up to there, must be sound: a member in a packet's payload
/// is none of the file's.
///
/// A zstd frame that needs more memory than zstd's own tool allows (a window of 128 MiB), or a
/// dictionary, counts as damaged.
std::unique_ptr<ByteStream> decompress(InputBuffer compressed, Compression compression);

}  // namespace vsdump
