#pragma once
#include <span>
#include "capture/error.h"
#include "dissector/wire/frame.h"
namespace vsdump { struct PacketWriter { virtual ~PacketWriter() = default; virtual Result<void> write(std::span<const Frame>) =0; virtual Result<void> flush()=0; virtual Result<void> close()=0; }; }
