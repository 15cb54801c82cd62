using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace Perk.Cli.Tests.Infra;

/// <summary>The checks that azd calls, over an Azure CLI that is a script.</summary>
public sealed class AzdChecksTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("encode evaluate", "questions", 0, "Every queue has a scale rule.")]
    [InlineData("encode", "questions", 1, "ca-encode: evaluate")]
    [InlineData("", "questions", 1, "ca-encode: encode")]
    [InlineData("encode evaluate", "", 0, "ca-api: arrivals")] // The api works without.
    public async Task ScaleRules_OfAnApp_AreCountedByQueue(string encode, string others, int code, string says)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("The stand-in for the Azure CLI is a shell script.");
        var rules = string.Join(',', encode.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(q => $$$"""{"name":"x","custom":{"type":"azure-queue","metadata":{"queueName":"{{{q}}}"} } }"""));
        var answer = """{"name":"questions","azureQueue":{"queueName":"questions"}}""";
        var api = others.Length == 0 ? "" : string.Join(',', new[] { "arrivals", "encode-poison", "questions-poison", "evaluate-poison", "arrivals-poison" }.Select(q => $$$"""{"azureQueue":{"queueName":"{{{q}}}"} }"""));
        Az($$"""case "$*" in *--subscription*) ;; *) exit 4 ;; esac; case "$*" in *ca-encode*) r='{{rules}}' ;; *ca-answer*) r='{{answer}}' ;; *) r='{{api}}' ;; esac; echo "[{\"rules\":[$r]}]" """);
        var ran = await RunAsync("scale-rules");
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(says, ran.StandardOutput + ran.StandardError);
    }

    [Fact]
    public async Task ScaleRules_AppThatIsNotThereYet_AreNotMissed()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("The stand-in for the Azure CLI is a shell script.");
        Az("echo '[]'");
        Assert.Equal(0, (await RunAsync("scale-rules")).ExitCode);
    }

    [Theory]
    [InlineData("T4", "none", 0, "")]
    [InlineData("T4", "A100", 1, "mars has no A100")]
    [InlineData("none", "none", 0, "")]
    public async Task Region_ByItsProfiles_HasTheGpusOrNot(string encode, string answer, int code, string says)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("The stand-in for the Azure CLI is a shell script.");
        Az("""echo '["D4","Consumption","Consumption-GPU-NC8as-T4"]'""");
        var ran = await RunAsync("region", ("PERK_ENCODE_GPU", encode), ("PERK_ANSWER_GPU", answer));
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(says, ran.StandardError);
    }

    [Theory]
    [InlineData("exit 3", "scale-rules", 1, "az login")]
    [InlineData("exit 3", "region", 1, "az login")]
    [InlineData("exit 3", "nonsense", 2, "usage")]
    public async Task Check_ThatCannotBeMade_SaysWhatToDo(string az, string check, int code, string says)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("The stand-in for the Azure CLI is a shell script.");
        Az(az);
        var ran = await RunAsync(check);
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(says, ran.StandardError);
    }

    private void Az(string script)
    {
        var path = _folder.Add("az", Encoding.UTF8.GetBytes($"#!/bin/sh\n{script}\n"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private Task<BufferedCommandResult> RunAsync(string check, params (string Name, string Value)[] set) => CliWrap.Cli.Wrap("dotnet").WithArguments(["run", Repository.At("infra/check.cs"), check])
        .WithValidation(CommandResultValidation.None)
        .WithEnvironmentVariables(new Dictionary<string, string?>(set.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
        {
            ["PATH"] = $"{_folder.Path}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
            ["AZURE_LOCATION"] = "mars",
            ["AZURE_RESOURCE_GROUP"] = "rg-test",
            ["AZURE_SUBSCRIPTION_ID"] = Guid.Empty.ToString(),
            ["PERK_API_NAME"] = "ca-api",
            ["PERK_ENCODE_NAME"] = "ca-encode",
            ["PERK_ANSWER_NAME"] = "ca-answer",
            ["PERK_SCALE_RULES_PATIENCE"] = "0",
        }).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
}
