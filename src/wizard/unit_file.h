#ifndef SRC_WIZARD_UNIT_FILE_H
#define SRC_WIZARD_UNIT_FILE_H
/* A systemd unit for the new node, where one was asked for: written, never enabled
 * or started. main's thread. */
#include "src/crypto/sha256.h"
#include "src/wizard/migration.h"

/* It can be written, as far as can be seen: nothing of another is there. */
struct err *unit_check(struct migration *m) must_check;
/* As a step of the plan: detail gets the path and what to do with it. */
struct err *unit_write(struct migration *m, struct str *detail,
	char sum[static SHA256_TEXT_SIZE]) must_check;
/* Deletes it while it is what was written; says so where it is not. */
struct err *unit_take_away(struct migration *m) must_check;
#endif
