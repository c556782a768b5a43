#ifndef UI_CELLS_H
#define UI_CELLS_H
/* Cells and orders of tables whose rows are objects of view.def: most columns
 * are a field as it is. Each macro defines a static function for one. */
#include <inttypes.h>
#include <stdio.h>

#include "ui/table.h"
#include "ui/unit.h"

#define CELL_TEXT(name, object, field, looks) \
	static enum style name(const struct mirror *m, const void *row, \
		struct str *out) \
	{ \
		(void)m; \
		str_add(out, view_text(((const struct object *)row)->field)); \
		return looks; \
	}
#define CELL_INT(name, object, field, looks) \
	static enum style name(const struct mirror *m, const void *row, \
		struct str *out) \
	{ \
		(void)m; \
		str_printf(out, "%lld", \
			(long long)((const struct object *)row)->field); \
		return looks; \
	}
/* How long ago a time was. */
#define CELL_AGE(name, object, field, looks) \
	static enum style name(const struct mirror *m, const void *row, \
		struct str *out) \
	{ \
		unit_span(out, mirror_age(m, ((const struct object *)row)->field)); \
		return looks; \
	}
/* The last error and how long ago it was, from last_error and last_error_ms;
 * nothing where there was none. */
#define CELL_ERROR(name, object) \
	static enum style name(const struct mirror *m, const void *row, \
		struct str *out) \
	{ \
		const struct object *o_ = row; \
\
		if (*view_text(o_->last_error)) { \
			unit_span(out, mirror_age(m, o_->last_error_ms)); \
			str_printf(out, " ago: %s", o_->last_error); \
		} \
		return STYLE_FAIL; \
	}
/* What tells a row from the others, as the table wants it: a text. Of a number,
 * valid until the next call. */
#define ROW_ID_TEXT(name, object, field) \
	static const char *name(const void *row) \
	{ \
		return view_text(((const struct object *)row)->field); \
	}
#define ROW_ID_NUMBER(name, object, field) \
	static const char *name(const void *row) \
	{ \
		static char text[24]; \
\
		snprintf(text, sizeof(text), "%" PRId64, \
			((const struct object *)row)->field); \
		return text; \
	}
#define BY_TEXT(name, object, field) \
	static int name(const void *a, const void *b) \
	{ \
		return compare_text(((const struct object *)a)->field, \
			((const struct object *)b)->field); \
	}
#define BY_NUMBER(name, object, field) \
	static int name(const void *a, const void *b) \
	{ \
		return COMPARE(((const struct object *)a)->field, \
			((const struct object *)b)->field); \
	}
#endif
