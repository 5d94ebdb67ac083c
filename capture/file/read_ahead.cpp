// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/read_ahead.h"

#include <algorithm>
#include <utility>

#include "capture/companion.h"

namespace vsdump {

namespace {

/// Bytes of packets in a batch from which on the next one is worth a second thread.
constexpr std::ptrdiff_t kLargeBatchBytes = std::ptrdiff_t{64} * 1024;

/// Whether more comes at once, and how much that is.
bool isWorthAThread(const Result<Batch>& batch) {
  if (!batch || batch->state != SourceState::More || batch->frames.empty()) return false;
  return batch->end - batch->frames.front().bytes.data() >= kLargeBatchBytes;
}

class ReadAhead final : public PacketSource {
 public:
  explicit ReadAhead(std::unique_ptr<PacketSource> source) : source_(std::move(source)) {
    update(taken_.interfaces, source_->interfaces());
    taken_.comments = source_->takeComments();
    taken_.progress = source_->progress();
  }

  Result<Batch> read() override {
    if (isReading_) {
      companion_.wait();
    } else {
      readNext();
    }
    std::swap(taken_, next_);
    isReading_ = isWorthAThread(taken_.batch) && companion_.start();
    if (isReading_) companion_.give([this] { readNext(); });
    return taken_.batch;
  }

  std::optional<int> pollDescriptor() const override { return source_->pollDescriptor(); }
  std::optional<double> progress() const override { return taken_.progress; }
  std::span<const CaptureInterface> interfaces() const override { return taken_.interfaces; }
  std::vector<Comment> takeComments() override { return std::exchange(taken_.comments, {}); }

 private:
  /// A batch with what the source says along with it, as the source is already further on.
  struct Read {
    Result<Batch> batch;
    std::vector<SourceNotice> notices;
    std::vector<Comment> comments;
    std::vector<CaptureInterface> interfaces;
    std::optional<double> progress;
  };

  void readNext() {
    next_.batch = source_->read();
    next_.notices.clear();
    if (next_.batch) {
      next_.notices.assign(next_.batch->notices.begin(), next_.batch->notices.end());
      next_.batch->notices = next_.notices;
    }
    next_.comments = source_->takeComments();
    update(next_.interfaces, source_->interfaces());
    next_.progress = source_->progress();
  }

  std::unique_ptr<PacketSource> source_;  // the companion's while isReading_
  Read taken_;
  Read next_;  // the companion's while isReading_
  bool isReading_ = false;
  Companion companion_;  // ends before what it works with
};

}  // namespace

std::unique_ptr<PacketSource> readAhead(std::unique_ptr<PacketSource> source) {
  return std::make_unique<ReadAhead>(std::move(source));
}

}  // namespace vsdump
