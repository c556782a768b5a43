#ifndef SRC_MIGRATE_STEPS_H
#define SRC_MIGRATE_STEPS_H
/* The steps of a migration by name, and what people are told of them. Pure. */
#include <stdbool.h>

enum migrate_step {
#define STEP(id, name, chain, reversible, optional, title, why, counter) MIGRATE_##id,
#include "src/migrate/steps.def"
	MIGRATE_STEPS
};
struct step_info {
	const char *name;
	bool chain, reversible, optional; /* optional: it may be left out */
	const char *title, *why, *counter; /* counter: what takes it back */
};
const struct step_info *step_info(enum migrate_step s);
/* MIGRATE_STEPS: no such step. */
enum migrate_step step_find(const char *name);
#endif
