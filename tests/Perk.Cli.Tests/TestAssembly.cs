using System.Runtime.CompilerServices;
using Perk.Core.Tensors;

namespace Perk.Cli.Tests;

internal static class TestAssembly
{
    /// <summary>
    /// Tests touch torch in any order, so the native library comes first. One thread each, here and in the programs that tests start: two test programs run
    /// side by side, and threads of torch that wait for each other take the cores from the rest.
    /// </summary>
    [ModuleInitializer]
    internal static void LoadTorch()
    {
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        NativeTorch.EnsureLoaded();
        ComputeDevice.UseThreads(1);
    }
}
