// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

// The least that a reader of pcap files can do: read in pieces of 1 MiB, go from record header to
// record header, count. bench_walk FILE
int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int file = ::open(argv[1], O_RDONLY);
  if (file < 0) return 1;
  std::vector<char> buffer(std::size_t{1} << 21);
  std::size_t begin = 24;
  std::size_t end = 0;
  std::uint64_t count = 0;
  while (true) {
    const ssize_t got = ::read(file, buffer.data() + end, std::size_t{1} << 20);
    if (got <= 0) break;
    end += static_cast<std::size_t>(got);
    while (end - begin >= 16 && begin < end) {
      std::uint32_t captured = 0;
      std::memcpy(&captured, buffer.data() + begin + 8, sizeof captured);
      if (end - begin < 16 + std::size_t{captured}) break;
      begin += 16 + std::size_t{captured};
      ++count;
    }
    std::memmove(buffer.data(), buffer.data() + begin, end - begin);
    end -= begin;
    begin = 0;
  }
  std::printf("%llu packets\n", static_cast<unsigned long long>(count));
}
