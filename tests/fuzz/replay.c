/* The main() of a fuzz target when libFuzzer is not there. Feeds each file of
 * the directories named on the command line, whole and cut at every power of
 * two; and again, with failmalloc.so preloaded, while each allocation fails the
 * first time it is made. Names the file it is at, so that a crash names its
 * input. */
#include <dirent.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/mem.h"
#include "tests/campaign/failmalloc.h"

#define FILE_MAX ((off_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct failmalloc *orders; /* NULL: not preloaded */

/* A copy of the exact size lets the sanitizer see a read past the end. */
static void feed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	if (orders) {
		atomic_store(&orders->first, 1);
		LLVMFuzzerTestOneInput(copy, size);
		atomic_store(&orders->first, 0);
	}
	free(copy);
}

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t size;

	if (!f || fstat(fileno(f), &st) || st.st_size > FILE_MAX) {
		fprintf(stderr, "%s: cannot read\n", path);
		return 1;
	}
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		abort();
	size = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	fprintf(stderr, "%s (%zu bytes)\n", path, size);
	for (size_t n = 1; n < size; n *= 2)
		feed(data, n);
	feed(data, size);
	free(data);
	return 0;
}

static int replay_dir(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);
	int failed = 0;

	if (n < 0) {
		perror(path);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char file[4096];

		if (names[i]->d_name[0] != '.') {
			snprintf(file, sizeof(file), "%s/%s", path,
				names[i]->d_name);
			failed |= replay_file(file);
		}
		free(names[i]);
	}
	free(names);
	return failed;
}

/* Each allocation that failed was made again, and by us. */
static int account(void)
{
	uint64_t failed = atomic_load(&orders->failed);

	printf("%llu\n", (unsigned long long)failed);
	if (failed == mem_shortages())
		return 0;
	fprintf(stderr, "%u of %llu allocations that failed were made again\n",
		mem_shortages(), (unsigned long long)failed);
	return 1;
}

int main(int argc, char **argv)
{
	struct failmalloc **found = dlsym(RTLD_DEFAULT, "failmalloc");
	int failed = 0;

	if (found) {
		orders = *found;
		atomic_store(&orders->step, 1);
	}
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		failed |= replay_dir(argv[i]);
	return orders ? failed | account() : failed;
}
