// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/gui/support/loading.h"

#include <QDir>
#include <QEventLoop>
#include <algorithm>
#include <utility>

#include "capture/file/open.h"
#include "gui/models/trace_builder.h"

namespace vsdump::gui {

QString samplePath(const QString& name) {
  return QStringLiteral(VSDUMP_SOURCE_DIR "/samples/") + name;
}

QStringList sampleNames() {
  return QDir(samplePath({})).entryList({"*.pcap", "*.pcapng"}, QDir::Files, QDir::Name);
}

Loaded load(const QString& path) {
  Loaded loaded;
  TraceLoader loader;
  QEventLoop loop;
  QObject::connect(
      &loader, &TraceLoader::opened, &loop, [&](const auto& store) { loaded.trace = Trace(store); },
      Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::updated, &loop,
      [&](const auto& update) {
        loaded.trace.apply(std::move(*update));
        ++loaded.updates;
      },
      Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::noticed, &loop,
      [&](const QString& notice) { loaded.notices += notice; }, Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::ended, &loop,
      [&](TraceLoader::Ending ending, const QString& message) {
        loaded.ending = ending;
        loaded.message = message;
        loop.quit();
      },
      Qt::QueuedConnection);
  loader.open(path.toStdString());
  loop.exec();
  return loaded;
}

Trace traceOf(const QString& sample) {
  return load(samplePath(sample)).trace;
}

std::vector<TraceUpdate> updatesOf(const QString& sample, std::size_t steps,
                                   std::shared_ptr<const FrameStore>& store) {
  const auto source = openCaptureFile(samplePath(sample).toStdString());
  const auto spool = FrameStore::spool(QDir::tempPath().toStdString());
  store = *spool;
  TraceBuilder builder(*spool);
  const Batch batch = *(*source)->read();
  const std::size_t part = batch.frames.size() / steps + 1;
  std::vector<TraceUpdate> updates;
  for (std::size_t first = 0; first < batch.frames.size(); first += part) {
    const std::size_t count = std::min(part, batch.frames.size() - first);
    (void)builder.take({.frames = batch.frames.subspan(first, count)});
    updates.push_back(*builder.takeUpdate());
  }
  builder.finish();
  updates.push_back(*builder.takeUpdate());
  return updates;
}

Trace traceOf(const std::vector<std::vector<std::byte>>& records) {
  const auto spool = FrameStore::spool(QDir::tempPath().toStdString());
  TraceBuilder builder(*spool);
  std::vector<Frame> frames;
  for (const auto& record : records) {
    frames.push_back({.bytes = record,
                      .timestampNs = static_cast<std::int64_t>(frames.size()) * 1'000'000,
                      .number = FrameNumber{frames.size() + 1},
                      .wireLengthBytes = static_cast<std::uint32_t>(record.size())});
  }
  (void)builder.take({.frames = frames});
  builder.finish();
  Trace trace(*spool);
  trace.apply(*builder.takeUpdate());
  return trace;
}

}  // namespace vsdump::gui
