using System.Runtime.CompilerServices;
using Perk.Core.Tensors;

namespace Perk.Core.Tests;

internal static class TestAssembly
{
    /// <summary>Tests touch torch in any order, so the native library comes first.</summary>
    [ModuleInitializer]
    internal static void LoadTorch() => NativeTorch.EnsureLoaded();
}
