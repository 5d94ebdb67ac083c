// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "gui/models/trace.h"
#include "gui/models/trace_loader.h"

namespace vsdump::gui {

/// "credit-stall.pcap" in the folder of samples.
QString samplePath(const QString& name);

/// The names of all samples.
QStringList sampleNames();

/// What a loader tells, until its end.
struct Loaded {
  Trace trace;
  TraceLoader::Ending ending{};
  QString message;
  QStringList notices;
  std::size_t updates = 0;
  bool isTemporary = false;
};

/// Reads an input to its end, while the calling thread's events go on. `onUpdate` is called when
/// more is known, and may stop the loader.
Loaded load(const TraceInput& input,
            const std::function<void(TraceLoader&, const Loaded&)>& onUpdate = {});
Loaded load(const QString& path);

/// The same beside another trace.
Loaded loadBeside(const Trace& before, const TraceInput& input);

/// A program that writes a capture: the stand-in for vsdump, see there.
TraceInput playing(const QStringList& words);

/// Fails the test unless a trace has the packets of a file, byte for byte.
void expectSamePackets(const Trace& trace, const QString& path);

/// The whole trace of a sample.
Trace traceOf(const QString& sample);

/// Its packets as a trace is given them: `steps` updates one after the other.
std::vector<TraceUpdate> updatesOf(const QString& sample, std::size_t steps);

/// A trace of records that are given byte for byte, a millisecond after each other.
Trace traceOf(const std::vector<std::vector<std::byte>>& records);
/// A trace of packets that came at these times, and have nothing in them.
Trace traceAt(const std::vector<std::int64_t>& timesNs);

}  // namespace vsdump::gui
