// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/gui/support/loading.h"

#include <QDir>
#include <QEventLoop>
#include <QTest>
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

namespace {

Loaded run(TraceLoader& loader, const std::function<void()>& begin,
           const std::function<void(TraceLoader&, const Loaded&)>& onUpdate) {
  Loaded loaded;
  QEventLoop loop;
  QObject::connect(
      &loader, &TraceLoader::opened, &loop,
      [&](bool isTemporary) {
        loaded.trace = Trace::opened();
        loaded.isTemporary = isTemporary;
      },
      Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::updated, &loop,
      [&](const auto& update) {
        loaded.trace.apply(std::move(*update));
        ++loaded.updates;
        if (onUpdate) onUpdate(loader, loaded);
      },
      Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::noticed, &loop,
      [&](const QString& notice) {
        loaded.notices += notice;
        if (onUpdate) onUpdate(loader, loaded);
      },
      Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::ended, &loop,
      [&](TraceLoader::Ending ending, const QString& message) {
        loaded.ending = ending;
        loaded.message = message;
        loop.quit();
      },
      Qt::QueuedConnection);
  begin();
  loop.exec();
  return loaded;
}

}  // namespace

Loaded load(const TraceInput& input,
            const std::function<void(TraceLoader&, const Loaded&)>& onUpdate) {
  TraceLoader loader;
  return run(
      loader, [&] { loader.open(input); }, onUpdate);
}

Loaded load(const QString& path) {
  return load(TraceInput{.name = path.toStdString()});
}

Loaded loadBeside(const Trace& before, const TraceInput& input) {
  TraceLoader loader;
  return run(loader, [&] { loader.add(before, input); }, {});
}

TraceInput playing(const QStringList& words) {
  TraceInput input{.name = "vsockmon0", .command = {VSDUMP_SOURCE_DIR "/tests/gui/support/vsdump"}};
  input.command.emplace_back("--test");
  for (const QString& word : words) input.command.push_back(word.toStdString());
  return input;
}

void expectSamePackets(const Trace& trace, const QString& path) {
  const auto source = openCaptureFile(path.toStdString());
  QVERIFY(source.has_value());
  Row row = 0;
  for (SourceState state = SourceState::More; state == SourceState::More;) {
    const auto batch = (*source)->read();
    QVERIFY(batch.has_value());
    state = batch->state;
    for (const Frame& frame : batch->frames) {
      QVERIFY(row < trace.packetCount());
      const PacketBytes read = trace.read(row++);
      QVERIFY(std::ranges::equal(read.frame.bytes, frame.bytes));
      QCOMPARE(read.frame.timestampNs, frame.timestampNs);
      QCOMPARE(raw(read.frame.number), raw(frame.number));
      QCOMPARE(read.frame.wireLengthBytes, frame.wireLengthBytes);
    }
  }
  QCOMPARE(trace.packetCount(), std::size_t{row});
}

Trace traceOf(const QString& sample) {
  return load(samplePath(sample)).trace;
}

std::vector<TraceUpdate> updatesOf(const QString& sample, std::size_t steps) {
  const Trace trace = traceOf(sample);
  const auto spool = FrameStore::spool(QDir::tempPath().toStdString());
  TraceBuilder builder(*spool);
  const std::size_t part = trace.packetCount() / steps + 1;
  std::vector<TraceUpdate> updates;
  for (Row row = 0; row < trace.packetCount(); ++row) {
    if (row > 0 && row % part == 0) updates.push_back(*builder.takeUpdate());
    (void)builder.spool(trace.read(row).frame);
  }
  updates.push_back(*builder.takeUpdate());
  builder.finish();
  updates.push_back(*builder.takeUpdate());
  return updates;
}

namespace {

Trace traceOf(const std::vector<Frame>& frames) {
  const auto spool = FrameStore::spool(QDir::tempPath().toStdString());
  TraceBuilder builder(*spool);
  (void)builder.take({.frames = frames});
  builder.finish();
  Trace trace = Trace::opened();
  trace.apply(*builder.takeUpdate());
  return trace;
}

}  // namespace

Trace traceOf(const std::vector<std::vector<std::byte>>& records) {
  std::vector<Frame> frames;
  for (const auto& record : records) {
    frames.push_back({.bytes = record,
                      .timestampNs = static_cast<std::int64_t>(frames.size()) * 1'000'000,
                      .number = FrameNumber{frames.size() + 1},
                      .wireLengthBytes = static_cast<std::uint32_t>(record.size())});
  }
  return traceOf(frames);
}

Trace traceAt(const std::vector<std::int64_t>& timesNs) {
  std::vector<Frame> frames;
  for (const std::int64_t time : timesNs) {
    frames.push_back({.timestampNs = time, .number = FrameNumber{frames.size() + 1}});
  }
  return traceOf(frames);
}

}  // namespace vsdump::gui
