// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "gui/models/trace.h"
#include "gui/models/trace_input.h"

namespace vsdump::gui {

/// Reads a capture in a thread of its own, and tells about it a few times a second: a file to its
/// end, what grows or is captured now until it is stopped.
///
/// **Threads** signals come from the reading thread: receivers get them queued.
class TraceLoader : public QObject {
  Q_OBJECT

 public:
  /// How the reading ended.
  enum class Ending { Whole, Damaged, Stopped, Failed };
  Q_ENUM(Ending)

  explicit TraceLoader(QObject* parent = nullptr);
  /// Stops at once: a pipe is closed, whoever writes to it.
  ~TraceLoader() override;

  /// Begins to read; call it once.
  void open(const TraceInput& input);
  void open(const std::string& path) { open(TraceInput{.name = path}); }

  /// Begins to read a file into a trace that has all packets of another one as well, in the order
  /// of time; call it in place of open().
  void add(const Trace& before, const TraceInput& input);

  /// Stops reading soon. What was read stays; a program that captures may give what it has, once
  /// it has begun.
  void stop();

 signals:
  /// The input is open: what follows belongs to a new trace. `isTemporary`: its packets are nowhere
  /// but in a file that goes away with it. `isUnending`: more may come at any time.
  void opened(bool isTemporary, bool isUnending);
  void updated(std::shared_ptr<vsdump::gui::TraceUpdate> update);
  /// A sentence for a person: an interface left out, a damaged place, what a program says.
  void noticed(const QString& message);
  /// The last signal. `message` is a sentence when the ending is Failed.
  void ended(vsdump::gui::TraceLoader::Ending ending, const QString& message);

 private:
  void begin(Trace before, TraceInput input);

  std::stop_source asked_;  ///< by stop()
  std::atomic<bool> isOpen_ = false;
  std::jthread thread_;  ///< its own token: at once
};

}  // namespace vsdump::gui
