using System.Text.RegularExpressions;

namespace Perk.Cli.Tests.Infra;

/// <summary>What the Bicep compiler says of the files under infra/.</summary>
public sealed partial class BicepTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("infra/**/*.bicep")]
    [InlineData("infra/*.bicepparam")]
    public async Task Lint_Files_HasNothingToSay(string pattern)
    {
        var ran = await Bicep.RunAsync(Bicep.AzdEnvironment, "lint", "--pattern", Repository.At(pattern));
        Assert.Equal((0, "", ""), (ran.ExitCode, ran.StandardOutput.Trim(), ran.StandardError.Trim()));
    }

    [Fact]
    public async Task Lint_ParameterThatNobodyReads_IsAFault()
    {
        using var folder = Bicep.CopyOfInfra();
        var file = Path.Combine(folder.Path, "infra", "modules", "identity.bicep");
        await File.AppendAllTextAsync(file, "\nparam nobody string\n", Now);
        var ran = await Bicep.RunAsync(Bicep.AzdEnvironment, "lint", file);
        Assert.NotEqual(0, ran.ExitCode);
        Assert.Contains("no-unused-params", ran.StandardOutput + ran.StandardError);
    }

    [Fact]
    public async Task Format_Files_AreAsTheFormatterWritesThem()
    {
        using var folder = Bicep.CopyOfInfra();
        foreach (var pattern in new[] { "infra/**/*.bicep", "infra/*.bicepparam" })
            Assert.Equal(0, (await Bicep.RunAsync(Bicep.AzdEnvironment, "format", "--pattern", Path.Combine(folder.Path, pattern))).ExitCode);
        foreach (var file in Directory.GetFiles(Repository.At("infra"), "*.bicep*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is ".bicep" or ".bicepparam"))
            Assert.Equal(await File.ReadAllTextAsync(file, Now), await File.ReadAllTextAsync(Path.Combine(folder.Path, "infra", Path.GetRelativePath(Repository.At("infra"), file)), Now));
    }

    [Fact]
    public async Task Modules_AndTheirOutputs_AreUsed()
    {
        var text = string.Join('\n', await Task.WhenAll(Directory.GetFiles(Repository.At("infra"), "*.bicep", SearchOption.AllDirectories).Select(f => File.ReadAllTextAsync(f, Now))));
        Assert.All(Directory.GetFiles(Repository.At("infra/modules")), f => Assert.Contains(Path.GetFileName(f) + "'", text));
        foreach (var module in Directory.GetFiles(Repository.At("infra/modules")))
            Assert.All(Output().Matches(await File.ReadAllTextAsync(module, Now)).Select(m => m.Value), output => Assert.Matches($@"outputs\.{output}\b", text));
        Assert.All(Directory.GetFiles(Repository.At("infra/queries")), f => Assert.Contains($"'../queries/{Path.GetFileName(f)}'", text));
    }

    [Theory]
    [InlineData("main")]
    [InlineData("main", "PERK_PRIVATE_NETWORK=true", "PERK_ENCODE_GPU=A100", "PERK_ANSWER_GPU=T4", "PERK_ALERT_EMAIL=a@example.org", "PERK_MONTHLY_BUDGET=500", "PERK_BUDGET_START=2026-12-01", "PERK_ANSWER_DAYS=30")]
    [InlineData("main", "PERK_ENCODE_GPU=none", "AZURE_PRINCIPAL_ID=")]
    [InlineData("api")]
    [InlineData("encode")]
    [InlineData("encode", "PERK_ENCODE_GPU=none", "PERK_SETTINGS={\"Perk__MaxMemoryMiB\":\"4096\"}")]
    [InlineData("answer", "PERK_ANSWER_GPU=A100", "PERK_CHECKPOINT=1111111111111111111111111111111111111111111111111111111111111111")]
    public async Task Predict_EachWayToDeploy_HasNoFault(string file, params string[] set)
    {
        var predicted = await Bicep.PredictAsync(file, set);
        Assert.Equal(0, predicted.Faults);
        Assert.NotEmpty(predicted.Resources);
    }

    [Fact]
    public async Task Predict_ValueThatIsNoneOfThose_IsRefused()
    {
        var ran = await Bicep.RunAsync(new Dictionary<string, string?>(Bicep.AzdEnvironment) { ["PERK_ENCODE_GPU"] = "H100" }, "build-params", Repository.At("infra/encode.bicepparam"), "--stdout");
        Assert.NotEqual(0, ran.ExitCode);
        Assert.Contains("'A100' | 'T4' | 'none'", ran.StandardError);
    }

    [Theory]
    [InlineData("PERK_MONTHLY_BUDGET=500", "PERK_BUDGET_START=2026-12-01", "set PERK_ALERT_EMAIL")]
    [InlineData("PERK_MONTHLY_BUDGET=500", "PERK_ALERT_EMAIL=a@example.org", "set PERK_BUDGET_START")]
    public async Task Predict_BudgetThatIsSetByHalf_SaysWhatIsMissing(string one, string other, string says)
    {
        var e = await Assert.ThrowsAnyAsync<Exception>(() => Bicep.PredictAsync("main", one, other));
        Assert.Contains(says, e.Message);
    }

    [GeneratedRegex("(?<=^output )[a-zA-Z]+", RegexOptions.Multiline)]
    private static partial Regex Output();
}
