#pragma once
#include <memory>
#include "capture/file/packet_writer.h"
#include "capture/file/descriptor.h"
namespace vsdump { struct PcapFormat { std::uint32_t snapshotLength; bool nanoseconds;}; struct PcapWriter { static Result<std::unique_ptr<PacketWriter>> create(Descriptor, std::string, PcapFormat) { return tl::unexpected(Error{}); } }; }
