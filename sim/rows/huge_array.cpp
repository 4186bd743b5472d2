#include "sim/rows/huge_array.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace rehearse {
namespace {

constexpr std::size_t page = HugeMemory::page;
constexpr std::size_t worth_it = 2 * page;

// Addresses that begin a page: pages move whole from one such range to another.
void* addresses(std::size_t bytes) {
  void* const range = mmap(nullptr, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (range == MAP_FAILED) throw std::bad_alloc();
  const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(range) % page) % page;
  char* const start = static_cast<char*>(range) + before;
  if (before > 0) munmap(range, before);
  if (before < page) munmap(start + bytes, page - before);
  return start;
}

}  // namespace

HugeMemory::~HugeMemory() {
  if (bytes_ >= worth_it) munmap(start_, bytes_);
  else std::free(start_);
}

void HugeMemory::grow(std::size_t bytes) {
  if (bytes < worth_it) {
    void* const memory = std::realloc(start_, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    start_ = memory;
    bytes_ = bytes;
    return;
  }
  const std::size_t whole = (bytes + page - 1) / page * page;
  void* const memory = addresses(whole);
  if (bytes_ >= worth_it) {
    if (mremap(start_, bytes_, bytes_, MREMAP_MAYMOVE | MREMAP_FIXED, memory) == MAP_FAILED) throw std::bad_alloc();
  }
  madvise(memory, whole, MADV_HUGEPAGE);
  if (bytes_ < worth_it) {
    if (bytes_ > 0) std::memcpy(memory, start_, bytes_);
    std::free(start_);
  }
  start_ = memory;
  bytes_ = whole;
}

}  // namespace rehearse
