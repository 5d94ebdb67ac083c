// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/stream_ahead.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "capture/companion.h"

namespace vsdump {

namespace {

/// So much is made at once: few waits for the other thread, and little memory.
constexpr std::size_t kPieceBytes = std::size_t{1024} * 1024;
/// A stream that has filled so much room at once has more to come.
constexpr std::size_t kWorthAThread = std::size_t{512} * 1024;

class StreamAhead final : public ByteStream {
 public:
  explicit StreamAhead(std::unique_ptr<ByteStream> stream)
      : stream_(std::move(stream)), progress_(stream_->progress()) {}

  Result<Chunk> read(std::span<std::byte> into) override {
    if (!isAhead_ && left_.empty() && !last_) return readHere(into);
    std::size_t size = 0;
    while (size < into.size()) {
      if (left_.empty() && !takePiece()) break;
      const std::size_t count = std::min(left_.size(), into.size() - size);
      std::memcpy(into.data() + size, left_.data(), count);
      left_ = left_.subspan(count);
      size += count;
    }
    if (size != 0) return Chunk{.size = size};
    return *std::exchange(last_, std::nullopt);
  }

  // Damage was handed out last, so the other thread is at rest.
  void resume() override { stream_->resume(); }

  std::optional<int> pollDescriptor() const override { return stream_->pollDescriptor(); }
  std::optional<double> progress() const override { return progress_; }

 private:
  struct Piece {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0;
    Result<Chunk> end = Chunk{};  // of the last read
    std::optional<double> progress{};
  };

  /// Until the stream shows that it has much to give, and wherever it has nothing yet.
  Result<Chunk> readHere(std::span<std::byte> into) {
    Result<Chunk> chunk = stream_->read(into);
    progress_ = stream_->progress();
    if (!chunk || chunk->state != SourceState::More) return chunk;
    filled_ += chunk->size;
    if (filled_ >= kWorthAThread && companion_.start()) makeNext();
    return chunk;
  }

  void makeNext() {
    Piece& piece = pieces_[next_];
    if (!piece.memory) piece.memory = std::make_unique_for_overwrite<std::byte[]>(kPieceBytes);
    isAhead_ = true;
    companion_.give([this, &piece] { fill(piece); });
  }

  void fill(Piece& piece) {
    piece.size = 0;
    piece.end = Chunk{};
    while (piece.size < kPieceBytes) {
      piece.end = stream_->read({piece.memory.get() + piece.size, kPieceBytes - piece.size});
      if (!piece.end || piece.end->state != SourceState::More) break;
      piece.size += piece.end->size;
    }
    piece.progress = stream_->progress();
  }

  /// Goes on to the piece that is being made; false where there is none, or nothing in it.
  bool takePiece() {
    if (!isAhead_) return false;
    companion_.wait();
    isAhead_ = false;
    Piece& piece = pieces_[next_];
    left_ = {piece.memory.get(), piece.size};
    progress_ = piece.progress;
    next_ = 1 - next_;
    if (piece.end && piece.end->state == SourceState::More) {
      makeNext();
    } else {
      last_ = std::move(piece.end);
      filled_ = 0;
    }
    return !left_.empty();
  }

  std::unique_ptr<ByteStream> stream_;  // the companion's while isAhead_
  std::optional<double> progress_;
  std::size_t filled_ = 0;  // bytes read here
  std::array<Piece, 2> pieces_;
  std::size_t next_ = 0;  // the piece that is made next, the companion's while isAhead_
  bool isAhead_ = false;
  std::span<const std::byte> left_{};    // of the piece before
  std::optional<Result<Chunk>> last_{};  // what came behind `left_`, unless that is more
  Companion companion_;                  // ends before what it works with
};

}  // namespace

std::unique_ptr<ByteStream> streamAhead(std::unique_ptr<ByteStream> stream) {
  return std::make_unique<StreamAhead>(std::move(stream));
}

}  // namespace vsdump
