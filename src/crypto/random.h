#ifndef SRC_CRYPTO_RANDOM_H
#define SRC_CRYPTO_RANDOM_H
/* Random bytes from the kernel; aborts if it has none. Any thread. */
#include <stddef.h>
#include <stdint.h>

void random_bytes(void *out, size_t n);
/* 2 * n lower-case hex digits and a NUL: out holds 2 * n + 1. n <= 64. */
void random_hex(char *out, size_t n);
uint64_t random_below(uint64_t bound); /* uniform in [0, bound); bound > 0 */
#endif
