#ifndef SRC_BASE_BOARD_H
#define SRC_BASE_BOARD_H
/* Where roles publish what may be known of them: numbered slots, the latest
 * blob wins, each with a version. Readers take a reference and never touch a
 * role's own fields. Knows nothing of what the blobs mean. One private leaf
 * lock; any thread. */
#include "src/base/blob.h"

struct board;

struct board *board_new(unsigned slots);
void board_free(struct board *b);
void board_publish(struct board *b, unsigned slot, struct blob *taken);
/* +1 reference (blob_put it), NULL before the first publish; version from 1. */
struct blob *board_get(struct board *b, unsigned slot, uint64_t *version);
uint64_t board_version(struct board *b, unsigned slot);
/* Runs `wake(ctx)` after each publish, outside the lock; one listener. */
void board_on_publish(struct board *b, void (*wake)(void *ctx), void *ctx);
#endif
