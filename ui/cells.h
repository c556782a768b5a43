#ifndef UI_CELLS_H
#define UI_CELLS_H
/* Cells and orders of tables whose rows are objects of view.def: most columns
 * are a field as it is. Each macro defines a static function for one. */
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
