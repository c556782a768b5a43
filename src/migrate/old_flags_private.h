#ifndef SRC_MIGRATE_OLD_FLAGS_PRIVATE_H
#define SRC_MIGRATE_OLD_FLAGS_PRIVATE_H
/* What old_flags.c, which reads flags, and old_settings.c, which says what they
 * become, share. */
#include "src/migrate/old_flags.h"

struct old_flag_row {
	const char *name;
	bool is_switch;
	enum old_line line;
	enum old_fate fate;
	enum option_id option; /* OPT_COUNT: none */
	const char *comment;
};
/* NULL: no flag of the alpha's. */
const struct old_flag_row *old_flag_row(const char *name);

/* Roles, network, settings and findings, from the flags. literal: a '$' in a value
 * is one, and not a variable that the text did not set. */
void old_settings_make(struct old_flags *f, bool literal);
void old_finding_add(struct old_flags *f, enum old_trap trap);
/* A line of a configuration holds it, and its reader gets the same back. */
bool old_value_is_writable(const char *value);
/* The last flag of this name, or SIZE_MAX. */
size_t old_flags_index(const struct old_flags *f, const char *name);
#endif
