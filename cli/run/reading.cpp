// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/reading.h"

namespace vsdump {

namespace {

/// Bytes of packets in a batch from which on a second thread is worth its start.
constexpr std::ptrdiff_t kLargeBatchBytes = std::ptrdiff_t{128} * 1024;

bool isLarge(const Batch& batch) {
  return !batch.frames.empty() && batch.end - batch.frames.front().bytes.data() >= kLargeBatchBytes;
}

}  // namespace

Result<bool> Reading::from(PacketSource& source) {
  const Result<Batch> batch = source.read();
  if (!batch) return tl::unexpected(batch.error());
  state = batch->state;
  frames = batch->frames;
  notices.assign(batch->notices.begin(), batch->notices.end());
  comments = source.takeComments();
  update(interfaces, source.interfaces());
  progress = source.progress();
  place = batch->place;
  return state == SourceState::More && source.keepsABatch() && isLarge(*batch);
}

}  // namespace vsdump
