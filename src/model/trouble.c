#include "src/model/trouble.h"

#include <stddef.h>
#include <string.h>

const struct trouble *trouble_find(const char *text)
{
	static const struct trouble table[] = {
#define TROUBLE(words, meaning, remedy) { words, meaning, remedy },
#include "src/model/trouble.def"
#undef TROUBLE
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strstr(text, table[i].words))
			return &table[i];
	return NULL;
}
