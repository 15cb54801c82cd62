using Perk.Cli.Emulator;

namespace Perk.Cli.Tests.Emulator;

/// <summary>The installation with stand-ins for node and npm: shell scripts that say and count what they are asked.</summary>
public sealed class AzuriteInstallationTests : IDisposable
{
    private const string Node20 = "echo v20.1.0";
    private const string CountingNpm = "echo \"$@\" >> calls; sleep 0.2; mkdir node_modules";
    private readonly string _folder = Directory.CreateTempSubdirectory("perk-test-").FullName;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Installation => Directory.CreateDirectory(Path.Combine(_folder, "azurite")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ensure_ManyAtOnceAndLater_InstallsOnceFromTheCommittedLockFile()
    {
        string node = Script("node", Node20), npm = Script("npm", CountingNpm);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Ensure(node, npm), Now)));
        await Ensure(node, npm);
        Assert.Equal(
            ["ci --ignore-scripts --no-audit --no-fund --omit=dev"],
            await File.ReadAllLinesAsync(Path.Combine(Installation, "calls"), Now));
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(AzuriteInstallation.Sources, "package-lock.json"), Now),
            await File.ReadAllTextAsync(Path.Combine(Installation, "package-lock.json"), Now));
    }

    [Fact]
    public async Task Ensure_NpmFails_SaysItsLastLinesAndInstallsNextTime()
    {
        var node = Script("node", Node20);
        var e = await Refused(node, Script("npm", "echo 'npm error code EINTEGRITY' >&2; exit 3"));
        Assert.Contains("exit code 3", e.Message);
        Assert.Contains("npm error code EINTEGRITY", e.Message);
        await Ensure(node, Script("npm2", CountingNpm));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(Installation, "calls"), Now));
    }

    [Fact]
    public async Task Ensure_Interrupted_InstallsNextTime()
    {
        var node = Script("node", Node20);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var slow = Script("npm", "sleep 20");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => AzuriteInstallation.EnsureAsync(Installation, node, slow, null, soon.Token));
        await Ensure(node, Script("npm2", CountingNpm));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(Installation, "calls"), Now));
    }

    [Fact]
    public async Task Ensure_NodeOrNpmMissingOrOld_SaysWhatToInstall()
    {
        string node = Script("node", Node20), npm = Script("npm", CountingNpm), absent = Path.Combine(_folder, "absent");
        Assert.Contains("Node.js was not found", (await Refused(absent, npm)).Message);
        Assert.Contains("npm was not found", (await Refused(node, absent)).Message);
        var old = await Refused(Script("old", "echo v18.19.1"), npm);
        Assert.Contains("Node.js 20 or later", old.Message);
        Assert.Contains("v18.19.1", old.Message);
    }

    [Fact]
    public void LockFile_AsCommitted_PinsAzuriteAndHasNoDownloadAddresses()
    {
        var text = File.ReadAllText(Path.Combine(AzuriteInstallation.Sources, "package-lock.json"));
        Assert.Contains("\"azurite\": \"3.37.0\"", text);
        Assert.DoesNotContain("\"resolved\"", text);
    }

    private Task Ensure(string node, string npm) => AzuriteInstallation.EnsureAsync(Installation, node, npm, null, Now);

    private Task<EmulatorException> Refused(string node, string npm) =>
        Assert.ThrowsAsync<EmulatorException>(() => Ensure(node, npm));

    private string Script(string name, string body)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-ins are shell scripts");
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, Executable);
        return path;
    }
}
