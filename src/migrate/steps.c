#include "src/migrate/steps.h"

#include <string.h>

static const struct step_info infos[MIGRATE_STEPS] = {
#define STEP(id, name, chain, reversible, optional, title, why, counter) \
	[MIGRATE_##id] = {name, chain, reversible, optional, title, why, counter},
#include "src/migrate/steps.def"
};

const struct step_info *step_info(enum migrate_step s)
{
	return &infos[s];
}

enum migrate_step step_find(const char *name)
{
	enum migrate_step s = 0;

	while (s < MIGRATE_STEPS && strcmp(infos[s].name, name) != 0)
		s++;
	return s;
}
