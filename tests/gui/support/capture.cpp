// SPDX-License-Identifier: GPL-2.0-or-later
// Captures as the window does, without one: capture DEVICE FILE. SIGINT ends it, and saves what it
// has shown. The tests in machines compare that with what vsdump has recorded.
#include <signal.h>

#include <QCoreApplication>
#include <QTextStream>
#include <atomic>
#include <cstdio>
#include <thread>

#include "gui/models/capture_request.h"
#include "gui/models/save_capture.h"
#include "gui/models/trace_loader.h"

namespace vsdump::gui {

namespace {

/// Saves the trace and says how that went.
int save(const Trace& trace, const QString& path) {
  std::atomic<double> progress = 0;
  const auto saved = saveCapture(trace, {}, path.toStdString(), progress, {});
  QTextStream said(stderr);
  if (!saved) {
    said << QString::fromStdString(describe(saved.error())) << '\n';
    return EXIT_FAILURE;
  }
  said << *saved << " packets shown\n";
  return EXIT_SUCCESS;
}

int run(const QStringList& words) {
  Trace trace;
  TraceLoader loader;
  QObject::connect(
      &loader, &TraceLoader::opened, &loader, [&] { trace = Trace::opened(); },
      Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::updated, &loader,
      [&](const auto& update) { trace.apply(std::move(*update)); }, Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::noticed, &loader,
      [](const QString& notice) { QTextStream(stderr) << notice << '\n'; }, Qt::QueuedConnection);
  QObject::connect(
      &loader, &TraceLoader::ended, &loader,
      [&](TraceLoader::Ending ending, const QString& message) {
        QTextStream(stderr) << message << '\n';
        const bool isWell = ending != TraceLoader::Ending::Failed;
        QCoreApplication::exit(isWell ? save(trace, words.value(2)) : EXIT_FAILURE);
      },
      Qt::QueuedConnection);
  sigset_t interrupt;
  ::sigemptyset(&interrupt);
  ::sigaddset(&interrupt, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &interrupt, nullptr);
  std::thread([&loader, interrupt] {
    int signal = 0;
    ::sigwait(&interrupt, &signal);
    QMetaObject::invokeMethod(&loader, [&loader] { loader.stop(); });
  }).detach();
  loader.open(inputOf({.device = words.value(1)}, captureProgram()));
  return QCoreApplication::exec();
}

}  // namespace

}  // namespace vsdump::gui

int main(int argc, char** argv) {
  const QCoreApplication application(argc, argv);
  return vsdump::gui::run(QCoreApplication::arguments());
}
