// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/reader.h"

#include <utility>

namespace vsdump::payload {

MessageReader::MessageReader(MessageConsumer& consumer, DecodeAs decodeAs,
                             const PayloadLimits& limits)
    : around_{.consumer = consumer, .limits = limits},
      retries_(consumer),
      decodeAs_(std::move(decodeAs)) {}

MessageReader::~MessageReader() = default;

void MessageReader::takeAny(const Frame& frame, const Packet& packet, const Observation& seen,
                            const Connection* connection) {
  if (connection == nullptr || seen.isDuplicate) return;
  if (seen.endsConnection || packet.virtio.op == VirtioOp::Response) {
    retries_.take(frame, packet, seen, *connection);
  }
  const std::uint32_t id = raw(seen.connection);
  const std::uint32_t place = id % kChunk;
  if (id / kChunk >= chunks_.size()) chunks_.resize(id / kChunk + std::size_t{1});
  std::unique_ptr<Chunk>& slot = chunks_[id / kChunk];
  if (seen.beginsConnection) {
    if (!slot) slot = std::make_unique<Chunk>();
    ++slot->used;
  }
  if (!slot || slot->isPlain[place]) return;
  Chunk& chunk = *slot;
  if (packet.virtio.op == VirtioOp::Rw && packet.payloadLengthBytes != 0) {
    if (!chunk.streams[place]) begin(chunk, place, frame, *connection);
    const VirtioHeader& header = packet.virtio;
    chunk.streams[place]->take(seen.direction,
                               {.bytes = payloadOf(frame, packet, seen),
                                .offset = seen.streamOffset,
                                .lengthBytes = packet.payloadLengthBytes,
                                .endsMessage = header.type == VirtioType::Dgram ||
                                               (header.type == VirtioType::Seqpacket &&
                                                (header.flags & kSeqpacketEndOfMessage) != 0),
                                .timeNs = frame.timestampNs,
                                .packet = frame.number});
  } else if (packet.virtio.op == VirtioOp::Shutdown && chunk.streams[place] &&
             (packet.virtio.flags & kShutdownSend) != 0) {
    chunk.streams[place]->endWay(seen.direction, frame.timestampNs, frame.number);
  }
  if (seen.endsConnection && chunk.streams[place]) chunk.streams[place]->end(false);
  if (chunk.streams[place]) chunk.protocols[place] = chunk.streams[place]->protocol();
  if (chunk.streams[place] && chunk.streams[place]->isOver()) {
    chunk.streams[place].reset();
    chunk.isPlain[place] = true;
  }
}

void MessageReader::begin(Chunk& chunk, std::uint32_t place, const Frame& frame,
                          const Connection& connection) {
  StreamFacts facts{.id = connection.id,
                    .type = connection.type(),
                    .client = connection.client(),
                    .server = connection.serverAddress(),
                    .source = frame.interfaceIndex,
                    .isFromStart = !connection.isPartial,
                    .openedNs = connection.startNs};
  const Service* service = services_.find(facts.type, facts.server.port, sideOf(facts.server.cid));
  if (service != nullptr) facts.service = service->name;
  const auto forced = decodeAs_.find(raw(facts.server.port));
  chunk.streams[place] = std::make_unique<Stream>(
      facts, around_, forced == decodeAs_.end() ? nullptr : forced->second);
}

std::string_view MessageReader::protocolOf(ConnectionId id) const {
  const std::size_t chunk = raw(id) / kChunk;
  if (chunk >= chunks_.size() || !chunks_[chunk]) return {};
  const Protocol* protocol = chunks_[chunk]->protocols[raw(id) % kChunk];
  return protocol == nullptr ? std::string_view{} : protocol->name;
}

void MessageReader::ended(ConnectionId id) {
  const std::uint32_t place = raw(id) % kChunk;
  if (raw(id) / kChunk >= chunks_.size()) return;
  std::unique_ptr<Chunk>& slot = chunks_[raw(id) / kChunk];
  if (!slot) return;
  if (slot->streams[place]) slot->streams[place]->end(true);
  slot->streams[place].reset();
  slot->isPlain[place] = true;
  if (--slot->used == 0 && raw(id) / kChunk + 1 < chunks_.size()) slot.reset();
}

void MessageReader::finish() {
  retries_.finish();
  for (const std::unique_ptr<Chunk>& chunk : chunks_) {
    if (!chunk) continue;
    for (std::uint32_t place = 0; place < kChunk; ++place) {
      if (!chunk->streams[place]) continue;
      chunk->streams[place]->end(true);
      chunk->streams[place].reset();
      chunk->isPlain[place] = true;
    }
  }
}

}  // namespace vsdump::payload
