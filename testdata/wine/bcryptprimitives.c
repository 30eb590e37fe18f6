/* bcryptprimitives.dll for Wine 8: Go's runtime draws its randomness from ProcessPrng, which that Wine lacks. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
	return RtlGenRandom(data, (ULONG)size);
}
