#ifndef TESTS_FUZZ_REWRITE_LAW_H
#define TESTS_FUZZ_REWRITE_LAW_H
/* What every rewriting of a config file must hold to, whatever the file: read
 * again, it says what it said, and the change; and no comment is lost. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "src/node/config.h"
#include "src/node/config_rewrite.h"

static inline size_t law_comments(const char *text)
{
	size_t n = 0;

	while (*text) {
		const char *p = text + strspn(text, " \t\r\v\f");

		n += *p == '#';
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

static inline void law_same(const struct config *a, const struct config *b,
	enum option_id but, const char *value)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const char *was = config_said(a, i, ORIGIN_FILE);
		const char *is = config_said(b, i, ORIGIN_FILE);

		if (i == but)
			was = value;
		assert(was ? is && !strcmp(was, is) : !is);
	}
}

/* False: the file or the change was refused, and there is nothing to hold to. */
static inline bool law_holds(const char *text, size_t n, enum option_id id,
	const char *value)
{
	struct config *before = config_new(), *after = config_new();
	struct config_change change = {id, value};
	struct str out = STR_INIT, diff = STR_INIT;
	struct err *e = config_read_text(before, "before", text, n);
	char *copy = xstrndup(text, n);
	bool holds;

	if (!e)
		e = config_rewrite(text, n, &change, 1, &out);
	if (!e) {
		struct err *bad = config_read_text(after, "after", str_cstr(&out), out.len);

		assert(!bad);
		law_same(before, after, id, value);
		assert(law_comments(str_cstr(&out)) >= law_comments(copy));
		config_diff(copy, str_cstr(&out), &diff);
		if (!value)
			assert(!config_said(before, id, ORIGIN_FILE) == !diff.len);
	}
	free(copy);
	str_clear(&out);
	str_clear(&diff);
	config_free(before);
	config_free(after);
	holds = !e;
	err_free(e);
	return holds;
}
#endif
