using CliWrap;
using CliWrap.Buffered;

namespace Perk.Cli.Tests.Infra;

/// <summary>The check after a deployment, over an Azure CLI that is a script.</summary>
public sealed class ScaleRulesCheckTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("encode evaluate", 0, "Every queue has a scale rule.")]
    [InlineData("encode", 1, "ca-encode: evaluate")]
    [InlineData("", 1, "ca-encode: encode")]
    public async Task Check_RulesOfAnApp_AreCountedByQueue(string queues, int code, string says)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("The stand-in for the Azure CLI is a shell script.");
        var rules = string.Join(',', queues.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(q => $$$"""{"name":"{{{q}}}","custom":{"type":"azure-queue","metadata":{"queueName":"{{{q}}}","queueLength":"1"} } }"""));
        var others = string.Join(',', new[] { "questions", "arrivals", "encode-poison", "questions-poison", "evaluate-poison", "arrivals-poison" }.Select(q => $$$"""{"azureQueue":{"queueName":"{{{q}}}"}}"""));
        Az($"case \"$*\" in *ca-encode*) echo '[{rules}]' ;; *) echo '[{others}]' ;; esac");
        var ran = await RunAsync();
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(says, ran.StandardOutput + ran.StandardError);
    }

    [Fact]
    public async Task Check_AppThatIsNotThere_SaysWhatToDo()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("The stand-in for the Azure CLI is a shell script.");
        Az("exit 3");
        var ran = await RunAsync();
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("az login", ran.StandardError);
    }

    private void Az(string script)
    {
        var path = _folder.Add("az", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\n{script}\n"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private Task<BufferedCommandResult> RunAsync() => CliWrap.Cli.Wrap("dotnet").WithArguments(["run", Repository.At("infra/check-scale-rules.cs")]).WithValidation(CommandResultValidation.None)
        .WithEnvironmentVariables(new Dictionary<string, string?>
        {
            ["PATH"] = $"{_folder.Path}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
            ["AZURE_RESOURCE_GROUP"] = "rg-test",
            ["PERK_API_NAME"] = "ca-api",
            ["PERK_ENCODE_NAME"] = "ca-encode",
            ["PERK_ANSWER_NAME"] = "ca-answer",
            ["PERK_SCALE_RULES_PATIENCE"] = "0",
        }).ExecuteBufferedAsync(TestContext.Current.CancellationToken);
}
