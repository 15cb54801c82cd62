using System.Runtime.InteropServices;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Tensors;

public sealed class NativeTorchTests
{
    private static readonly string Original = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void EnsureLoaded_OnThisMachine_MultipliesMatrices()
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var product = tensor(new float[,] { { 1, 2 }, { 3, 4 } }).mm(tensor(new float[,] { { 5 }, { 6 } }));
        Assert.Equal([17f, 39f], product.data<float>().ToArray());
    }

    [Fact]
    public void EnsureLoaded_RelaxedCopy_UsedOnlyWhereTheOriginalDoesNotLoad()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the version requirement exists on Linux only");
        NativeTorch.EnsureLoaded();
        Assert.Equal(!NativeLibrary.TryLoad(Original, out _), NativeTorch.UsesRelaxedCopy);
    }

    [Fact]
    public void RelaxedCopy_OfTheShippedLibrary_DiffersInOneFlagOnly()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the version requirement exists on Linux only");
        using var folder = new TemporaryFolder();
        var copy = NativeTorch.RelaxedCopy(Original, folder.Path);
        byte[] before = File.ReadAllBytes(Original), after = File.ReadAllBytes(copy!);
        var differing = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToArray();
        var at = Assert.Single(differing);
        Assert.Equal((0, 2), (before[at], after[at]));
    }

    [Fact]
    public void RelaxedCopy_AlreadyThereButDamaged_IsWrittenAgain()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the version requirement exists on Linux only");
        using var folder = new TemporaryFolder();
        var copy = NativeTorch.RelaxedCopy(Original, folder.Path)!;
        var good = File.ReadAllBytes(copy);
        File.WriteAllBytes(copy, good.AsSpan(0, 1000));
        Assert.Equal(copy, NativeTorch.RelaxedCopy(Original, folder.Path));
        Assert.Equal(good, File.ReadAllBytes(copy));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void MarkWeak_VersionNotNeeded_ChangesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "an ELF file is at hand on Linux only");
        var bytes = File.ReadAllBytes(Original);
        var before = bytes.ToArray();
        Assert.Equal(0, ElfVersionNeeds.MarkWeak(bytes, "GLIBCXX_3.4.3"));
        Assert.Equal(before, bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(5000)]
    public void MarkWeak_TruncatedFile_IsRefused(int length)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "an ELF file is at hand on Linux only");
        var bytes = File.ReadAllBytes(Original).AsSpan(0, length).ToArray();
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(bytes, NativeTorch.TooNewVersion));
    }

    [Fact]
    public void Diagnose_NoBackendBesideTheProgram_NamesThePackageAndTheFolder()
    {
        using var folder = new TemporaryFolder();
        var message = NativeTorch.Diagnose([folder.Path]);
        Assert.Contains("TorchSharp-cpu", message);
        Assert.Contains(folder.Path, message);
    }

    [Fact]
    public void Diagnose_LibraryThatIsNotOne_SaysWhichFileAndWhatIsNeeded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "library names are per platform");
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "libtorch_cpu.so"), "x");
        File.WriteAllText(Path.Combine(folder.Path, "libLibTorchSharp.so"), "x");
        var message = NativeTorch.Diagnose([folder.Path]);
        Assert.Contains(Path.Combine(folder.Path, "libLibTorchSharp.so"), message);
        Assert.Contains("glibc 2.34", message);
    }
}
