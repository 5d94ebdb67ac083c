// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "capture/source.h"
#include "gui/models/trace.h"

namespace vsdump::gui {

/// Reads a capture file in a thread of its own, and tells about it a few times a second.
///
/// **Threads** signals come from the reading thread: receivers get them queued.
class TraceLoader : public QObject {
  Q_OBJECT

 public:
  /// How the reading ended.
  enum class Ending { Whole, Damaged, Stopped, Failed };
  Q_ENUM(Ending)

  explicit TraceLoader(QObject* parent = nullptr);
  ~TraceLoader() override;

  /// Begins to read; call it once.
  void open(const std::string& path);

  /// Stops reading soon. What was read stays.
  void stop() { thread_.request_stop(); }

 signals:
  /// The file is open: what follows belongs to a trace over this store.
  void opened(std::shared_ptr<const vsdump::gui::FrameStore> store);
  void updated(std::shared_ptr<vsdump::gui::TraceUpdate> update);
  /// A sentence for a person: an interface left out, a damaged place.
  void noticed(const QString& message);
  /// The last signal. `message` is a sentence when the ending is Failed.
  void ended(vsdump::gui::TraceLoader::Ending ending, const QString& message);

 private:
  void run(const std::stop_token& stop, const std::string& path);
  Result<Ending> read(const std::stop_token& stop, const std::string& path);

  std::jthread thread_;
};

}  // namespace vsdump::gui
