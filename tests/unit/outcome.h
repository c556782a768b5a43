#ifndef TESTS_UNIT_OUTCOME_H
#define TESTS_UNIT_OUTCOME_H
/* What a call came to: it did what was asked, or it refused and said why.
 * Included after cmocka. */
#include <string.h>

#include "src/base/err.h"

static inline void ok(struct err *e)
{
	if (e)
		fail_msg("%s", err_text(e));
}

/* `part` is in the words of e, which is freed. */
static inline void refuses(struct err *e, const char *part)
{
	assert_non_null(e);
	if (!strstr(err_text(e), part))
		fail_msg("\"%s\" is not in \"%s\"", part, err_text(e));
	err_free(e);
}
#endif
