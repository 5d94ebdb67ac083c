// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <cstddef>
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
};

/// Reads a whole file, while the calling thread's events go on.
Loaded load(const QString& path);

/// The whole trace of a sample.
Trace traceOf(const QString& sample);

/// Its packets as a trace is given them: `steps` updates one after the other.
std::vector<TraceUpdate> updatesOf(const QString& sample, std::size_t steps,
                                   std::shared_ptr<const FrameStore>& store);

/// A trace of records that are given byte for byte.
Trace traceOf(const std::vector<std::vector<std::byte>>& records);

}  // namespace vsdump::gui
