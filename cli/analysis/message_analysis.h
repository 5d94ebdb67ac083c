// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "cli/analysis/analysis.h"
#include "dissector/payload/reader.h"

namespace vsdump {

/// An analysis that decodes payload, too.
class MessageAnalysis : public Analysis, private payload::MessageConsumer {
 public:
  /// Messages that are held at once until the filter selects a packet of their connection.
  static constexpr std::size_t kMostHeld = 100'000;

  explicit MessageAnalysis(const Options& options)
      : Analysis(options), reader_(*this, options.decodeAs) {
    if (options.showsSecrets) reader_.showSecrets();
  }

  void ended(const Connection& connection) override;

 protected:
  void observed(const Frame& frame, const Packet& packet, const Observation& seen) override;

  void finishing() override { reader_.finish(); }

  /// Called for each message of a connection that the filter selects, once no more comes to it.
  virtual void completed(const payload::Message& message) = 0;

  /// Says what could not be decoded, and why.
  void sayLimits() const;

 private:
  void done(const payload::Message& message) override;
  bool chooses(ConnectionId id) const override { return isSelected(id); }
  void release(ConnectionId id);

  payload::MessageReader reader_;
  /// Of connections that the filter has selected no packet of, so far.
  std::map<ConnectionId, std::vector<payload::Message>> held_;
  std::size_t heldCount_ = 0;
  std::uint64_t unheld_ = 0;
};

}  // namespace vsdump
